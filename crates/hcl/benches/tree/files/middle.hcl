include "root" {
  path = find_in_parent_folders("root.hcl")
}

include "common" {
  path   = "${dirname(find_in_parent_folders("root.hcl"))}/_common/KIND.hcl"
  expose = true
}

terraform {
  source = "${include.common.locals.source}?ref=v2.3.0"
}

dependency "network" {
  config_path = "../network"

  mock_outputs = {
    vpc_id     = "vpc-00000000000000000"
    subnet_ids = ["subnet-0", "subnet-1"]
  }
  mock_outputs_allowed_terraform_commands = ["validate", "plan"]
}

locals {
  name  = include.common.locals.name
  ports = { main = 5432, metrics = 9187 }
}

inputs = {
  identifier = "${local.name}-KIND"
  vpc_id     = dependency.network.outputs.vpc_id
  subnet_ids = dependency.network.outputs.private_subnet_ids
  zone_count = length(dependency.network.outputs.zones)
  log_group  = dependency.network.outputs.output_7

  rules = [for name, port in local.ports : {
    name  = "${local.name}-${name}"
    port  = port
    cidrs = dependency.network.outputs.private_subnet_cidrs
  }]

  tags = merge(dependency.network.outputs.tags, { Kind = "KIND" })
}
