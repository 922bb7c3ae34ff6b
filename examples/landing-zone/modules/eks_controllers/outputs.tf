output "targets" {
  value = { for name, controller in terraform_data.controllers : name => controller.output.target }
}
