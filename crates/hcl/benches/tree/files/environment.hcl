locals {
  environment = "STAGE"
  domain      = "STAGE.shop.example.com"
}
