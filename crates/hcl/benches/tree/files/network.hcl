include "root" {
  path = find_in_parent_folders("root.hcl")
}

include "common" {
  path   = "${dirname(find_in_parent_folders("root.hcl"))}/_common/KIND.hcl"
  expose = true
}

terraform {
  source = "${include.common.locals.source}?ref=v1.14.2"
}

locals {
  block   = "10.12.0.0/16"
  numbers = [1, 2, 3]
}

inputs = {
  cidr            = local.block
  private_subnets = [for number in local.numbers : "10.12.${number}.0/24"]
  public_subnets  = [for number in local.numbers : "10.12.${number + 100}.0/24"]
  enable_nat      = include.common.locals.is_prod
  tags            = { Kind = "KIND" }
}
