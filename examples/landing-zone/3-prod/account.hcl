locals {
  account_id  = "456789012345"
  environment = "prod"
  cidr        = "10.3.0.0/16"
}
