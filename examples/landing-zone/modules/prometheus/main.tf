# terraform_data is built into terraform: the landing zone runs without any provider or account.
locals {
  id = substr(sha1("${var.account_id}/prometheus"), 0, 8)
}

resource "terraform_data" "workspace" {
  input = {
    id             = "ws-${local.id}"
    retention_days = var.retention_days
  }
}
