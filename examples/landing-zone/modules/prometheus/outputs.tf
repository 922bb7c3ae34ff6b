output "workspace_id" {
  value = terraform_data.workspace.output.id
}

output "remote_write_url" {
  value = "https://prometheus.example/workspaces/${terraform_data.workspace.output.id}/api/v1/remote_write"
}
