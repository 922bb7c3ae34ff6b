output "vpc_id" {
  value = terraform_data.vpc.output.id
}

output "cidr" {
  value = terraform_data.vpc.output.cidr
}

output "private_subnet_ids" {
  value = [for subnet in terraform_data.private_subnet : subnet.output.id]
}
