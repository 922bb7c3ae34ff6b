locals {
  account_name = "shop-ACCOUNT"
  account_id   = "123456ACCOUNT"
  role_name    = "deploy"
  tags = {
    Team       = "shop"
    CostCentre = "4711"
    Owner      = "shop@example.com"
    Account    = "shop-ACCOUNT"
  }
}
