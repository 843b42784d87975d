using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using SlimtaFast.Protocol.Transport.Tls;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Tls</c>: the server's certificates, and what it asks of clients. Immutable.</summary>
internal sealed record TlsSection
{
    private const string Name = "Tls:";

    /// <summary>The certificates; none means no TLS for clients.</summary>
    public IReadOnlyList<TlsCertificateFiles> Certificates { get; private init; } = [];

    /// <summary>How often the files are looked at for changes.</summary>
    public TimeSpan ReloadInterval { get; private init; }

    /// <summary>The versions that are spoken.</summary>
    public SslProtocols Versions { get; private init; }

    /// <summary>Whether clients are asked for certificates.</summary>
    public ClientCertificateMode ClientCertificates { get; private init; }

    /// <summary>Who may have issued them; null for those whom the system trusts.</summary>
    public X509Certificate2Collection? ClientAuthorities { get; private init; }

    /// <summary>Whether mail is taken under TLS only.</summary>
    public bool Required { get; private init; }

    /// <summary>How long a handshake may take.</summary>
    public TimeSpan HandshakeTimeout { get; private init; }

    /// <summary>Reads the section, and the certificates once to see whether they can be used.</summary>
    public static TlsSection Read(SettingsReader reader)
    {
        var section = new TlsSection
        {
            Certificates = ReadFiles(reader),
            ReloadInterval = reader.Duration(Name + nameof(ReloadInterval), TimeSpan.FromMinutes(1)),
            Versions = reader.Parsed(Name + "MinimumVersion", "1.2", ParseVersion),
            ClientCertificates = reader.Choice(Name + nameof(ClientCertificates), ClientCertificateMode.None),
            ClientAuthorities = reader.Authorities(Name + nameof(ClientAuthorities)),
            Required = reader.Truth(Name + nameof(Required), false),
            HandshakeTimeout = reader.Duration(Name + nameof(HandshakeTimeout), TimeSpan.FromMinutes(1)),
        };
        if (section.Required && section.Certificates.Count == 0)
            reader.Refuse(Name + nameof(Required), $"needs {Name}Certificate");
        return section;
    }

    /// <summary>What the edge goes by; null where there are no certificates.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="onReload">Told of changed certificates.</param>
    /// <exception cref="TlsCertificateException">They cannot be read any more.</exception>
    public TlsServerSettings? Open(TimeProvider time, Action<TlsReload> onReload) => Certificates.Count == 0
        ? null
        : new TlsServerSettings
        {
            Certificates = new TlsCertificates(Certificates, time, ReloadInterval, onReload),
            Versions = Versions,
            ClientCertificates = ClientCertificates,
            ClientAuthorities = ClientAuthorities,
        };

    // The n-th key belongs to the n-th certificate.
    private static List<TlsCertificateFiles> ReadFiles(SettingsReader reader)
    {
        IReadOnlyList<string> certificates = reader.List<string>(Name + "Certificate", [], static text => text);
        IReadOnlyList<string> keys = reader.List<string>(Name + "Key", [], static text => text);
        string password = reader.Text(Name + "PasswordFile", "");
        if (keys.Count > 0 && keys.Count != certificates.Count)
        {
            reader.Refuse(Name + "Key", $"{keys.Count} keys for {certificates.Count} certificates; there must be one for each, in their order, or none where the certificates' files hold them");
            return [];
        }

        var files = new List<TlsCertificateFiles>(certificates.Count);
        for (int i = 0; i < certificates.Count; i++)
            files.Add(new TlsCertificateFiles(certificates[i], keys.Count > 0 ? keys[i] : null, password.Length > 0 ? password : null));
        if (files.Count == 0)
            return files;
        try
        {
            using var trial = new TlsCertificates(files, TimeProvider.System, Timeout.InfiniteTimeSpan);
        }
        catch (TlsCertificateException wrong)
        {
            reader.Refuse(Name + "Certificate", wrong.Message);
            return [];
        }

        return files;
    }

    private static SslProtocols ParseVersion(string text) => text switch
    {
        "1.2" => SslProtocols.Tls12 | SslProtocols.Tls13,
        "1.3" => SslProtocols.Tls13,
        _ => throw new FormatException($"'{text}' is none of 1.2, 1.3"),
    };
}
