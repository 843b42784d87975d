namespace SlimtaFast.Server.Configuration;

/// <summary>Who this server is for the databases that it looks things up in. Immutable.</summary>
/// <param name="RedisUserName">The user in Redis; empty for the default user.</param>
/// <param name="RedisPassword">The user's password; empty for none.</param>
internal sealed record LookupSecrets(string RedisUserName = "", string RedisPassword = "")
{
    private const string Name = "Redis:";

    /// <summary>Reads the section <c>Redis</c>.</summary>
    public static LookupSecrets Read(SettingsReader reader)
    {
        string password = reader.Text(Name + "Password", ""), file = reader.Text(Name + "PasswordFile", "");
        if (password.Length > 0 && file.Length > 0)
            reader.Refuse(Name + "PasswordFile", $"it does not go together with {Name}Password");
        if (file.Length > 0)
            password = SecretFile.TryRead(reader, Name + "PasswordFile", file);
        return new LookupSecrets(reader.Text(Name + "UserName", ""), password);
    }

    /// <summary>Without the password.</summary>
    public override string ToString() => $"LookupSecrets {{ RedisUserName = {RedisUserName} }}";
}
