namespace SlimtaFast.Server.Configuration;

/// <summary>Who this server is for a storage in a cloud. Immutable.</summary>
internal sealed record CloudSecrets
{
    private const string Aws = "Aws:", OpenStack = "OpenStack:";

    /// <summary>The access key of S3 and SQS; empty for what the environment gives.</summary>
    public string AccessKey { get; private init; } = "";

    /// <summary>Its secret.</summary>
    public string SecretKey { get; private init; } = "";

    /// <summary>The user in an OpenStack cloud.</summary>
    public string UserName { get; private init; } = "";

    /// <summary>The user's password, key or API key.</summary>
    public string Secret { get; private init; } = "";

    /// <summary>The project or tenant.</summary>
    public string Project { get; private init; } = "";

    /// <summary>The domain of user and project.</summary>
    public string Domain { get; private init; } = "Default";

    /// <summary>Reads the sections <c>Aws</c> and <c>OpenStack</c>.</summary>
    public static CloudSecrets Read(SettingsReader reader)
    {
        var secrets = new CloudSecrets
        {
            AccessKey = reader.Text(Aws + "AccessKey", ""),
            SecretKey = ReadSecret(reader, Aws + "SecretKey"),
            UserName = reader.Text(OpenStack + "UserName", ""),
            Secret = ReadSecret(reader, OpenStack + "Secret"),
            Project = reader.Text(OpenStack + "Project", ""),
            Domain = reader.Text(OpenStack + "Domain", "Default"),
        };
        if (secrets.AccessKey.Length == 0 != (secrets.SecretKey.Length == 0))
            reader.Refuse(Aws + "AccessKey", "the access key and its secret belong together");
        if (secrets.UserName.Length == 0 != (secrets.Secret.Length == 0))
            reader.Refuse(OpenStack + "UserName", "the user and its secret belong together");
        return secrets;
    }

    /// <summary>Without the secrets.</summary>
    public override string ToString() => $"CloudSecrets {{ AccessKey = {AccessKey}, UserName = {UserName}, Project = {Project}, Domain = {Domain} }}";

    private static string ReadSecret(SettingsReader reader, string key)
    {
        string text = reader.Text(key, ""), file = reader.Text(key + "File", "");
        if (text.Length > 0 && file.Length > 0)
            reader.Refuse(key + "File", $"it does not go together with {key}");
        return file.Length > 0 ? SecretFile.TryRead(reader, key + "File", file) : text;
    }
}
