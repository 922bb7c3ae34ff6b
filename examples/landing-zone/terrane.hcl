# What only terrane needs to know. Terragrunt does not read this file.

# The hub: reached from whoever starts terrane, and the only one that reaches the doers and the state.
assumer_role = "arn:aws:iam::123456789011:role/infrastructure-assumer-role"
