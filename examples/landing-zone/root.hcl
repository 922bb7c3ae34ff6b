# Included by every unit: where its state lies, who may touch it, and who does its work.

locals {
  account           = read_terragrunt_config(find_in_parent_folders("account.hcl")).locals
  shared_account_id = "123456789011"
}

# The work: the doer role of the unit's own account.
iam_role = "arn:aws:iam::${local.account.account_id}:role/doer-role"

# The state: one bucket and one lock table in the shared account, opened by a role of their own.
remote_state {
  backend = "s3"
  generate = {
    path      = "backend.tf"
    if_exists = "overwrite_terragrunt"
  }
  config = {
    bucket         = "terraform-state-${local.shared_account_id}"
    dynamodb_table = "terraform-state-lock-${local.shared_account_id}"
    key            = "${path_relative_to_include()}/terraform.tfstate"
    role_arn       = "arn:aws:iam::${local.shared_account_id}:role/state-mgmt-role"
    region         = "us-east-1"
    encrypt        = true
  }
}

inputs = {
  account_id  = local.account.account_id
  environment = local.account.environment
  tags = {
    Environment = local.account.environment
    ManagedBy   = "terraform"
  }
}
