# terraform_data is built into terraform: the landing zone runs without any provider or account.
resource "terraform_data" "cluster" {
  input = {
    name       = var.name
    endpoint   = "https://${substr(sha1("${var.name}/${var.vpc_id}"), 0, 12)}.eks.example"
    version    = 1.33
    vpc_id     = var.vpc_id
    subnet_ids = var.subnet_ids
  }
}
