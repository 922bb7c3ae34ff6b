# terraform_data is built into terraform: the landing zone runs without any provider or account.
locals {
  id = substr(sha1("${var.account_id}/transit_gateway/${var.asn}"), 0, 8)
}

resource "terraform_data" "transit_gateway" {
  input = {
    id  = "tgw-${local.id}"
    asn = var.asn
  }
}

resource "terraform_data" "route_table" {
  for_each = toset(["spokes", "shared"])

  input = "rtb-${local.id}-${each.key}"
}
