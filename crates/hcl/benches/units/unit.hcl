# The service NUMBER of the shop, behind the load balancer of its network.
include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}

terraform {
  source = "git::ssh://git@example.com/modules.git//service?ref=v1.14.2"
}

dependency "account" {
  config_path = "../../account"
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
  environment = "prod"
  region      = "eu-central-1"
  name        = "${local.environment}-${local.region}-service-NUMBER"
  is_prod     = local.environment == "prod"
  size        = local.is_prod ? 3 : 1
  zones       = [for letter in ["a", "b", "c"] : "${local.region}${letter}"]
  subnets     = [for id in dependency.network.outputs.subnet_ids : id if id != ""]
  tags = merge(dependency.account.outputs.tags, {
    Name        = local.name
    Environment = upper(local.environment)
    Account     = dependency.account.outputs.account_id
  })
  # What the provider needs to know.
  provider = <<EOT
provider "aws" {
  region = "${local.region}"
  default_tags {
    tags = {
%{ for key, value in local.tags }
      ${key} = "${value}"
%{ endfor }
    }
  }
}
EOT
}

generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite_terragrunt"
  contents  = local.provider
}

inputs = {
  name               = local.name
  vpc_id             = dependency.network.outputs.vpc_id
  subnet_ids         = local.subnets
  security_group_ids = [dependency.network.outputs.output_7, dependency.network.outputs.output_8]
  log_bucket         = dependency.account.outputs.output_3
  kms_key_arn        = "arn:aws:kms:${local.region}:${dependency.account.outputs.account_id}:key/${dependency.account.outputs.output_5}"
  instance_count     = local.size * 2 + 1
  subnet_count       = length(local.subnets)
  zones              = local.zones
  tags               = local.tags

  listeners = [for port in [80, 443, 8443] : {
    port     = port
    protocol = port == 80 ? "HTTP" : "HTTPS"
    name     = lower("${local.name}-${port}")
  }]

  environment_variables = merge(
    { for zone in local.zones : "ZONE_${zone}" => "https://${zone}.example.com" },
    {
      LOG_LEVEL = local.is_prod ? "warn" : "debug"
      TAGS      = join(",", values(local.tags))
      DATABASE  = dependency.network.outputs.output_12
    },
  )

  scaling = {
    min = local.size
    max = local.size * 4
    rules = {
      cpu    = { target = 60, cooldown = 300 }
      memory = { target = 75, cooldown = 300 }
    }
  }
}
