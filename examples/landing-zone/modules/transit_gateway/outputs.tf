output "id" {
  value = terraform_data.transit_gateway.output.id
}

output "asn" {
  value = terraform_data.transit_gateway.output.asn
}

output "route_table_ids" {
  value = { for name, table in terraform_data.route_table : name => table.output }
}

output "key" {
  value     = sha256("pre-shared key of ${terraform_data.transit_gateway.output.id}")
  sensitive = true
}
