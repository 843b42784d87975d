using SlimtaFast.Protocol;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Delivery</c> with which the one next hop of <c>smtp://HOST:PORT</c> or of a URL is authenticated to.</summary>
internal static class DeliveryCredentials
{
    private const string UserNameKey = "Delivery:UserName";
    private const string PasswordKey = "Delivery:Password";
    private const string PasswordFileKey = "Delivery:PasswordFile";
    private const string TokenFileKey = "Delivery:TokenFile";
    private const string PlaintextKey = "Delivery:AllowPlaintextAuth";

    /// <summary>The credentials, or null where none are given.</summary>
    public static SmtpCredentials? Read(SettingsReader reader, RelayAddress relay)
    {
        string user = reader.Text(UserNameKey, ""), password = reader.Text(PasswordKey, "");
        string passwordFile = reader.Text(PasswordFileKey, ""), tokenFile = reader.Text(TokenFileKey, "");
        bool plaintext = reader.Truth(PlaintextKey, fallback: false);
        int secrets = (password.Length > 0 ? 1 : 0) + (passwordFile.Length > 0 ? 1 : 0) + (tokenFile.Length > 0 ? 1 : 0);
        if (user.Length == 0 && secrets == 0)
            return null;
        if (user.Length == 0 || secrets != 1)
        {
            reader.Refuse(UserNameKey, $"it goes together with exactly one of {PasswordKey}, {PasswordFileKey} and {TokenFileKey}");
            return null;
        }

        // Whoever is an exchanger of some domain must never be shown a password.
        if (relay.Kind is not (RelayKind.Smtp or RelayKind.Http))
            reader.Refuse(UserNameKey, "credentials are for a relay smtp://HOST:PORT, http: or https: only");
        if (relay is { Kind: RelayKind.Http, ImplicitTls: false } && !plaintext)
            reader.Refuse(UserNameKey, $"over http: the secret would be shown in clear; relay by https:, or set {PlaintextKey}");
        // RFC 7617 section 2: the first colon ends the name.
        if (relay.Kind == RelayKind.Http && tokenFile.Length == 0 && user.Contains(':', StringComparison.Ordinal))
            reader.Refuse(UserNameKey, "a user name for HTTP Basic holds no colon");
        if (password.Length > 0)
            return new SmtpCredentials(user, password) { AllowPlaintext = plaintext };
        string file = passwordFile.Length > 0 ? passwordFile : tokenFile;
        SecretFile.TryRead(reader, passwordFile.Length > 0 ? PasswordFileKey : TokenFileKey, file);
        return new SmtpCredentials(user, cancellationToken => SecretFile.ReadAsync(file, cancellationToken))
        {
            IsToken = tokenFile.Length > 0,
            AllowPlaintext = plaintext,
        };
    }
}
