# What all units of the kind KIND have in common.
locals {
  environment = read_terragrunt_config(find_in_parent_folders("environment.hcl"))
  region      = read_terragrunt_config(find_in_parent_folders("region.hcl"))
  stage       = local.environment.locals.environment
  is_prod     = local.stage == "prod"
  name        = "KIND-${local.stage}"
  source      = "git::ssh://git@example.com/modules.git//KIND"
}

inputs = {
  name        = local.name
  zones       = local.region.locals.zones
  size        = local.is_prod ? 3 : 1
  host        = "${local.name}.${local.environment.locals.domain}"
  description = upper("KIND of ${local.stage}")

  alarms = { for name in ["cpu", "memory", "disk"] : name => {
    threshold = local.is_prod ? 75 : 90
    topic     = format("%s-%s", local.name, name)
  } }

  settings = jsonencode({
    level   = local.is_prod ? "warn" : "debug"
    enabled = true
    retries = 3
  })
}
