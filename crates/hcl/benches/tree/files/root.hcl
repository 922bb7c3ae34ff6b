# What all units have in common: the provider, the state, the tags.
locals {
  account     = read_terragrunt_config(find_in_parent_folders("account.hcl"))
  region      = read_terragrunt_config(find_in_parent_folders("region.hcl"))
  environment = read_terragrunt_config(find_in_parent_folders("environment.hcl"))
  account_id  = local.account.locals.account_id
  aws_region  = local.region.locals.aws_region
  stage       = local.environment.locals.environment
  prefix      = format("%s-%s", local.account.locals.account_name, local.stage)
  tags = merge(local.account.locals.tags, {
    Environment = local.stage
    Unit        = path_relative_to_include()
  })
}

generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite_terragrunt"
  contents  = <<EOT
provider "aws" {
  region              = "${local.aws_region}"
  allowed_account_ids = ["${local.account_id}"]
  assume_role {
    role_arn     = "arn:aws:iam::${local.account_id}:role/${local.account.locals.role_name}"
    session_name = "${local.prefix}"
  }
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

remote_state {
  backend = "s3"
  generate = {
    path      = "backend.tf"
    if_exists = "overwrite_terragrunt"
  }
  config = {
    bucket       = "${local.account.locals.account_name}-${local.aws_region}-state"
    key          = "${path_relative_to_include()}/terraform.tfstate"
    region       = local.aws_region
    encrypt      = true
    use_lockfile = true
  }
}

inputs = merge(
  local.account.locals,
  local.region.locals,
  local.environment.locals,
  { tags = local.tags, prefix = local.prefix },
)
