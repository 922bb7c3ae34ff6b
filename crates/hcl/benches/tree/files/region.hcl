locals {
  aws_region = "REGION"
  zones      = [for letter in ["a", "b", "c"] : "REGION${letter}"]
}
