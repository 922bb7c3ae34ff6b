include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}

terraform {
  source = "${dirname(find_in_parent_folders("root.hcl"))}/modules//eks_controllers"
}

dependency "eks" {
  config_path = "../eks"

  mock_outputs = {
    cluster       = { name = "mock", endpoint = "https://eks.mock.invalid", version = 1 }
    cluster_token = "mock"
  }
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
}

dependency "opensearch" {
  config_path = "../../0-shared/opensearch"

  mock_outputs = {
    endpoint = "https://opensearch.mock.invalid"
  }
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
}

dependency "prometheus" {
  config_path = "../../0-shared/prometheus"

  mock_outputs = {
    remote_write_url = "https://prometheus.mock.invalid/api/v1/remote_write"
  }
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
}

inputs = {
  cluster_name     = dependency.eks.outputs.cluster.name
  cluster_token    = dependency.eks.outputs.cluster_token
  logs_endpoint    = dependency.opensearch.outputs.endpoint
  metrics_endpoint = dependency.prometheus.outputs.remote_write_url
}
