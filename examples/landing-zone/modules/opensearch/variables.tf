variable "account_id" {
  type = string
}

variable "environment" {
  type = string
}

variable "tags" {
  type = map(string)
}

variable "domain" {
  type = string
}

variable "instance_count" {
  type = number
}
