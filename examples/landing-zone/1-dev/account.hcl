locals {
  account_id  = "234567890123"
  environment = "dev"
  cidr        = "10.1.0.0/16"
}
