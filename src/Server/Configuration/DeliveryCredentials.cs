using SlimtaFast.Protocol;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of a section <c>Delivery</c> with which the one next hop of <c>smtp://HOST:PORT</c> or of a URL is authenticated to.</summary>
internal static class DeliveryCredentials
{
    /// <summary>The credentials, or null where none are given.</summary>
    /// <param name="reader">The settings.</param>
    /// <param name="section">The section's name with its last colon.</param>
    /// <param name="relay">The relay that they are for.</param>
    public static SmtpCredentials? Read(SettingsReader reader, string section, RelayAddress relay)
    {
        string userKey = section + "UserName", passwordKey = section + "Password", passwordFileKey = section + "PasswordFile", tokenFileKey = section + "TokenFile";
        string user = reader.Text(userKey, ""), password = reader.Text(passwordKey, "");
        string passwordFile = reader.Text(passwordFileKey, ""), tokenFile = reader.Text(tokenFileKey, "");
        bool plaintext = reader.Truth(section + "AllowPlaintextAuth", fallback: false);
        int secrets = (password.Length > 0 ? 1 : 0) + (passwordFile.Length > 0 ? 1 : 0) + (tokenFile.Length > 0 ? 1 : 0);
        if (user.Length == 0 && secrets == 0)
            return null;
        if (user.Length == 0 || secrets != 1)
        {
            reader.Refuse(userKey, $"it goes together with exactly one of {passwordKey}, {passwordFileKey} and {tokenFileKey}");
            return null;
        }

        // Whoever is an exchanger of some domain must never be shown a password.
        if (relay.Kind is not (RelayKind.Smtp or RelayKind.Http))
            reader.Refuse(userKey, "credentials are for a relay smtp://HOST:PORT, http: or https: only");
        if (relay is { Kind: RelayKind.Http, ImplicitTls: false } && !plaintext)
            reader.Refuse(userKey, $"over http: the secret would be shown in clear; relay by https:, or set {section}AllowPlaintextAuth");
        // RFC 7617 section 2: the first colon ends the name.
        if (relay.Kind == RelayKind.Http && tokenFile.Length == 0 && user.Contains(':', StringComparison.Ordinal))
            reader.Refuse(userKey, "a user name for HTTP Basic holds no colon");
        if (password.Length > 0)
            return new SmtpCredentials(user, password) { AllowPlaintext = plaintext };
        string file = passwordFile.Length > 0 ? passwordFile : tokenFile;
        SecretFile.TryRead(reader, passwordFile.Length > 0 ? passwordFileKey : tokenFileKey, file);
        return new SmtpCredentials(user, cancellationToken => SecretFile.ReadAsync(file, cancellationToken))
        {
            IsToken = tokenFile.Length > 0,
            AllowPlaintext = plaintext,
        };
    }
}
