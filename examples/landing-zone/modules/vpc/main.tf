# terraform_data is built into terraform: the landing zone runs without any provider or account.
locals {
  id = substr(sha1("${var.account_id}/vpc/${var.cidr}"), 0, 8)
}

resource "terraform_data" "vpc" {
  input = {
    id   = "vpc-${local.id}"
    cidr = var.cidr
    tags = var.tags
  }
}

resource "terraform_data" "private_subnet" {
  for_each = toset(["a", "b"])

  input = {
    id     = "subnet-${local.id}${each.key}"
    vpc_id = terraform_data.vpc.output.id
    cidr   = cidrsubnet(var.cidr, 4, index(["a", "b"], each.key))
  }
}
