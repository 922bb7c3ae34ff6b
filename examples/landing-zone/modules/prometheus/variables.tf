variable "account_id" {
  type = string
}

variable "environment" {
  type = string
}

variable "tags" {
  type = map(string)
}

variable "retention_days" {
  type = number
}
