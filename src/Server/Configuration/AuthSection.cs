using SlimtaFast.Edge;
using SlimtaFast.Protocol;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Auth</c>: how clients authenticate.</summary>
internal static class AuthSection
{
    private const string Name = "Auth:";
    private const string Jwt = Name + "Jwt:";
    private const string Introspection = Name + "Introspection:";

    /// <summary>Reads the section.</summary>
    public static AuthSettings Read(SettingsReader reader)
    {
        var plain = new EdgeAuthOptions();
        string users = reader.Text(Name + "Users", "");
        LookupAddress? database = null;
        if (LookupAddress.IsDatabase(users))
            reader.Attempt(Name + "Users", () => database = LookupAddress.Parse(users));
        else if (users.Length > 0)
            CheckUsers(reader, users);
        IReadOnlyList<string> mechanisms = reader.List(Name + nameof(plain.Mechanisms), [], ParseMechanism);
        var settings = new AuthSettings
        {
            UsersFile = users.Length > 0 && !LookupAddress.IsDatabase(users) ? users : null,
            UsersLookup = database,
            Jwt = ReadJwt(reader),
            Introspection = ReadIntrospection(reader),
            Options = plain with
            {
                Mechanisms = mechanisms.Count > 0 ? mechanisms : null,
                AllowPlaintext = reader.Truth(Name + nameof(plain.AllowPlaintext), plain.AllowPlaintext),
                Required = reader.Truth(Name + nameof(plain.Required), plain.Required),
                OAuthScope = reader.Text(Name + nameof(plain.OAuthScope), "") is { Length: > 0 } scope ? scope : null,
                MaxFailures = reader.Number(Name + nameof(plain.MaxFailures), plain.MaxFailures, 1, 1000),
                MaxFailuresPerAddress = reader.Number(Name + nameof(plain.MaxFailuresPerAddress), plain.MaxFailuresPerAddress, 0, 1_000_000),
                MaxFailuresPerAccount = reader.Number(Name + nameof(plain.MaxFailuresPerAccount), plain.MaxFailuresPerAccount, 0, 1_000_000),
                LoginMemory = reader.DurationOrOff(Name + nameof(plain.LoginMemory), plain.LoginMemory),
                FailureMemory = reader.Duration(Name + nameof(plain.FailureMemory), plain.FailureMemory),
                FailureDelay = reader.Duration(Name + nameof(plain.FailureDelay), plain.FailureDelay),
                MaxFailureDelay = reader.Duration(Name + nameof(plain.MaxFailureDelay), plain.MaxFailureDelay),
                SuccessMemory = reader.Duration(Name + nameof(plain.SuccessMemory), plain.SuccessMemory),
            },
        };
        if (settings is { Jwt: not null, Introspection: not null })
            reader.Refuse(Introspection + "Url", "tokens are judged either by Auth:Jwt or by Auth:Introspection, not by both");
        if (settings.Options.Required && !settings.IsEnabled)
            reader.Refuse(Name + nameof(plain.Required), "nobody can authenticate: there is neither Auth:Users nor a validator of tokens");
        return settings;
    }

    private static JwtValidatorOptions? ReadJwt(SettingsReader reader)
    {
        string keys = reader.Text(Jwt + "Keys", ""), issuer = reader.Text(Jwt + "Issuer", "");
        IReadOnlyList<string> audiences = reader.List(Jwt + "Audience", [], static text => text);
        string claim = reader.Text(Jwt + "IdentityClaim", "sub");
        if (keys.Length == 0 && issuer.Length == 0 && audiences.Count == 0)
            return null;
        if (keys.Length == 0)
            reader.Refuse(Jwt + "Keys", "it is needed beside the other keys of Auth:Jwt");
        else if (Uri.TryCreate(keys, UriKind.Absolute, out Uri? url) && !url.IsFile ? !IsSafe(url) : !File.Exists(keys))
            reader.Refuse(Jwt + "Keys", $"'{keys}' is neither an https URL nor a file that is there");
        if (issuer.Length == 0)
            reader.Refuse(Jwt + "Issuer", "it is needed beside Auth:Jwt:Keys");
        if (audiences.Count == 0)
            reader.Refuse(Jwt + "Audience", "it is needed beside Auth:Jwt:Keys");
        return keys.Length > 0 && issuer.Length > 0 && audiences.Count > 0
            ? new JwtValidatorOptions { Keys = keys, Issuer = issuer, Audiences = audiences, IdentityClaim = claim }
            : null;
    }

    private static IntrospectionOptions? ReadIntrospection(SettingsReader reader)
    {
        string address = reader.Text(Introspection + "Url", ""), client = reader.Text(Introspection + "ClientId", "");
        string secret = reader.Text(Introspection + "ClientSecret", "");
        string file = reader.Text(Introspection + "ClientSecretFile", "");
        string member = reader.Text(Introspection + "IdentityMember", "username");
        string audience = reader.Text(Introspection + "Audience", "");
        if (address.Length == 0)
            return null;
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? url) || !IsSafe(url))
        {
            reader.Refuse(Introspection + "Url", $"'{address}' is not an https URL");
            return null;
        }

        if (client.Length == 0)
            reader.Refuse(Introspection + "ClientId", "it is needed beside Auth:Introspection:Url");
        if (secret.Length == 0 && file.Length > 0)
            secret = SecretFile.TryRead(reader, Introspection + "ClientSecretFile", file);
        else if (secret.Length == 0)
            reader.Refuse(Introspection + "ClientSecret", "it, or ClientSecretFile, is needed beside Auth:Introspection:Url");
        return new IntrospectionOptions { Url = url, ClientId = client, ClientSecret = secret, IdentityMember = member, Audience = audience.Length > 0 ? audience : null };
    }

    // In clear only inside this machine: whoever changes the answer decides who may send.
    private static bool IsSafe(Uri url) => url.Scheme == "https" || (url.Scheme == "http" && url.IsLoopback);

    private static void CheckUsers(SettingsReader reader, string path)
    {
        try
        {
            UsersFile.Parse(File.ReadAllText(path));
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or FormatException)
        {
            reader.Refuse(Name + "Users", $"{path}: {wrong.Message}");
        }
    }

    private static string ParseMechanism(string text) =>
        SaslMechanisms.All.FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase))
        ?? throw new FormatException($"'{text}' is none of {string.Join(", ", SaslMechanisms.All)}");
}
