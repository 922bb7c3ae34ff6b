include "root" {
  path = find_in_parent_folders("root.hcl")
}

include "common" {
  path   = "${dirname(find_in_parent_folders("root.hcl"))}/_common/KIND.hcl"
  expose = true
}

terraform {
  source = "${include.common.locals.source}?ref=v3.0.1"
}

dependency "network" {
  config_path = "../network"

  mock_outputs = {
    vpc_id     = "vpc-00000000000000000"
    subnet_ids = ["subnet-0", "subnet-1"]
  }
  mock_outputs_allowed_terraform_commands = ["validate", "plan"]
}

dependency "database" {
  config_path = "../database"

  mock_outputs = {
    arn      = "arn:aws:rds:eu-central-1:000000000000:db:mock"
    endpoint = "mock:5432"
  }
  mock_outputs_allowed_terraform_commands = ["validate", "plan"]
}

dependency "cluster" {
  config_path = "../cluster"

  mock_outputs = {
    arn      = "arn:aws:ecs:eu-central-1:000000000000:cluster/mock"
    output_2 = "mock"
  }
  mock_outputs_allowed_terraform_commands = ["validate", "plan"]
}

locals {
  name     = include.common.locals.name
  endpoint = dependency.database.outputs.output_3
  subnets  = [for id in dependency.network.outputs.private_subnet_ids : id if id != ""]
}

inputs = {
  identifier         = "${local.name}-KIND"
  vpc_id             = dependency.network.outputs.vpc_id
  subnet_ids         = local.subnets
  security_group_ids = [dependency.network.outputs.output_7, dependency.database.outputs.output_8]
  cluster_arn        = dependency.cluster.outputs.arn
  subnet_count       = length(local.subnets)
  cpu                = include.common.locals.is_prod ? 1024 * 2 : 512

  listeners = [for port in [80, 443] : {
    port     = port
    protocol = port == 80 ? "HTTP" : "HTTPS"
    name     = lower("${local.name}-${port}")
  }]

  environment_variables = merge(
    { for zone in dependency.network.outputs.zones : "ZONE_${zone}" => "https://${zone}.example.com" },
    {
      DATABASE_URL = "postgres://${local.endpoint}/${local.name}"
      DATABASE_ARN = dependency.database.outputs.arn
      SUBNETS      = join(",", local.subnets)
    },
  )

  tags = merge(dependency.network.outputs.tags, { Kind = "KIND" })
}
