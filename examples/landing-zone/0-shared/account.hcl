locals {
  account_id  = "123456789011"
  environment = "shared"
  cidr        = "10.0.0.0/16"
}
