variable "account_id" {
  type = string
}

variable "environment" {
  type = string
}

variable "tags" {
  type = map(string)
}

variable "cluster_name" {
  type = string
}

variable "cluster_token" {
  type      = string
  sensitive = true
}

variable "logs_endpoint" {
  type = string
}

variable "metrics_endpoint" {
  type = string
}
