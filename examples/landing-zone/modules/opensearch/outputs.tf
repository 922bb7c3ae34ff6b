output "endpoint" {
  value = terraform_data.domain.output.endpoint
}

output "instances" {
  value = terraform_data.domain.output.instances
}
