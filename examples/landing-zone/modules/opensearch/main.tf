# terraform_data is built into terraform: the landing zone runs without any provider or account.
resource "terraform_data" "domain" {
  input = {
    endpoint  = "https://${var.domain}-${substr(sha1(var.account_id), 0, 6)}.${var.environment}.example"
    instances = var.instance_count
  }
}
