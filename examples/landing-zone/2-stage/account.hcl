locals {
  account_id  = "345678901234"
  environment = "stage"
  cidr        = "10.2.0.0/16"
}
