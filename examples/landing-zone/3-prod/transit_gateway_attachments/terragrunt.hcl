include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}

terraform {
  source = "${dirname(find_in_parent_folders("root.hcl"))}/modules//transit_gateway_attachments"
}

dependency "transit_gateway" {
  config_path = "../../0-shared/transit_gateway"

  mock_outputs = {
    id              = "tgw-mock"
    asn             = 64512
    route_table_ids = { spokes = "rtb-mock", shared = "rtb-mock" }
  }
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
}

dependency "vpc" {
  config_path = "../vpc"

  mock_outputs = {
    vpc_id             = "vpc-mock"
    private_subnet_ids = ["subnet-mock-a", "subnet-mock-b"]
    cidr               = "10.255.0.0/16"
  }
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
}

inputs = {
  transit_gateway_id = dependency.transit_gateway.outputs.id
  route_table_id     = dependency.transit_gateway.outputs.route_table_ids.spokes
  vpc_id             = dependency.vpc.outputs.vpc_id
  subnet_ids         = dependency.vpc.outputs.private_subnet_ids
}
