# terraform_data is built into terraform: the landing zone runs without any provider or account.
resource "terraform_data" "attachment" {
  input = {
    id                 = "tgw-attach-${substr(sha1("${var.transit_gateway_id}/${var.vpc_id}"), 0, 8)}"
    transit_gateway_id = var.transit_gateway_id
    route_table_id     = var.route_table_id
    vpc_id             = var.vpc_id
    subnet_ids         = var.subnet_ids
  }
}
