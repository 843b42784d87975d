using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>
/// A server's certificates, read from files and read again when their content changes. A handshake takes whatever is current; files
/// that cannot be used change nothing. Thread-safe.
/// </summary>
public sealed class TlsCertificates : IDisposable
{
    private readonly IReadOnlyList<TlsCertificateFiles> _files;
    private readonly Action<TlsReload>? _onReload;
    private readonly Lock _gate = new();
    private readonly ITimer? _timer;
    private volatile CertificateSet _current;
    private byte[] _fingerprint;

    /// <summary>Certificates that never change. The first is for clients that ask for no name, or for an unknown one.</summary>
    /// <param name="certificates">Each with its private key; at least one.</param>
    public TlsCertificates(params IReadOnlyList<X509Certificate2> certificates)
    {
        ArgumentNullException.ThrowIfNull(certificates);
        ArgumentOutOfRangeException.ThrowIfZero(certificates.Count);
        _files = [];
        _fingerprint = [];
        _current = new CertificateSet([.. certificates.Select(static c => new LoadedCertificate(c, []))]);
    }

    /// <summary>Reads the files at once, and looks after them from then on.</summary>
    /// <param name="files">At least one; the first is for clients that ask for no name, or for an unknown one.</param>
    /// <param name="time">The clock.</param>
    /// <param name="period">How often the files are looked at; <see cref="Timeout.InfiniteTimeSpan"/> for never.</param>
    /// <param name="onReload">Told of each reload, good or bad, on a thread of the pool; it must not throw. Null for nobody.</param>
    /// <exception cref="TlsCertificateException">The files hold no certificate with its key, or cannot be read.</exception>
    public TlsCertificates(IReadOnlyList<TlsCertificateFiles> files, TimeProvider time, TimeSpan period, Action<TlsReload>? onReload = null)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfZero(files.Count);
        _files = files;
        _onReload = onReload;
        List<CertificateContents> contents = Read();
        _fingerprint = TakeFingerprint(contents);
        _current = Load(contents);
        if (period != Timeout.InfiniteTimeSpan)
            _timer = time.CreateTimer(static state => ((TlsCertificates)state!).Reload(), this, period, period);
    }

    /// <summary>The certificates in use, the first one first.</summary>
    public IReadOnlyList<X509Certificate2> Current => [.. _current.Certificates.Select(static c => c.Certificate)];

    /// <summary>Looks whether the files have changed, and takes them over where they are good.</summary>
    public void Reload()
    {
        lock (_gate)
        {
            if (_files.Count == 0)
                return;
            try
            {
                List<CertificateContents> contents = Read();
                byte[] fingerprint = TakeFingerprint(contents);
                if (fingerprint.AsSpan().SequenceEqual(_fingerprint))
                    return;

                // A bad state of the files is told once and not at each look.
                _fingerprint = fingerprint;
                _current = Load(contents);
            }
            catch (TlsCertificateException failure)
            {
                if (failure.InnerException is IOException or UnauthorizedAccessException)
                {
                    if (_fingerprint.Length == 0)
                        return;
                    _fingerprint = [];
                }

                _onReload?.Invoke(new TlsReload(Current, failure));
                return;
            }
        }

        _onReload?.Invoke(new TlsReload(Current, null));
    }

    /// <summary>Stops looking after the files.</summary>
    public void Dispose() => _timer?.Dispose();

    /// <summary>The certificate for a name that a client asked for.</summary>
    internal SslStreamCertificateContext Find(string? serverName) => _current.Find(serverName);

    private static byte[] TakeFingerprint(List<CertificateContents> contents)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (CertificateContents content in contents)
        {
            hash.AppendData(SHA256.HashData(content.Certificate));
            hash.AppendData(content.Key is null ? [0] : SHA256.HashData(content.Key));
            hash.AppendData(content.Password is null ? [0] : SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(content.Password)));
        }

        return hash.GetHashAndReset();
    }

    private CertificateSet Load(List<CertificateContents> contents)
    {
        var loaded = new List<LoadedCertificate>(contents.Count);
        for (int i = 0; i < contents.Count; i++)
        {
            try
            {
                loaded.Add(LoadedCertificate.Parse(contents[i].Certificate, contents[i].Key, contents[i].Password));
            }
            catch (Exception failure) when (failure is CryptographicException or ArgumentException)
            {
                throw new TlsCertificateException($"{_files[i].Certificate} cannot be used: {failure.Message}", failure);
            }
        }

        return new CertificateSet(loaded);
    }

    private List<CertificateContents> Read()
    {
        var contents = new List<CertificateContents>(_files.Count);
        foreach (TlsCertificateFiles files in _files)
        {
            try
            {
                byte[] certificate = File.ReadAllBytes(files.Certificate);
                byte[]? key = files.Key is null ? null : File.ReadAllBytes(files.Key);
                string? password = files.Password is null ? null : File.ReadLines(files.Password).FirstOrDefault() ?? "";
                contents.Add(new CertificateContents(certificate, key, password));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new TlsCertificateException(failure.Message, failure);
            }
        }

        return contents;
    }
}
