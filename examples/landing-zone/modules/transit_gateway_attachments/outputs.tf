output "attachment_id" {
  value = terraform_data.attachment.output.id
}

output "transit_gateway_id" {
  value = terraform_data.attachment.output.transit_gateway_id
}
