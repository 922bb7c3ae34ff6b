output "cluster" {
  value = {
    name     = terraform_data.cluster.output.name
    endpoint = terraform_data.cluster.output.endpoint
    version  = terraform_data.cluster.output.version
  }
}

output "cluster_token" {
  value     = sha256("token of ${terraform_data.cluster.output.endpoint}")
  sensitive = true
}
