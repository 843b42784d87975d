using SlimtaFast.Protocol.Transport.Tls;

namespace SlimtaFast.Server.Hosting;

/// <summary>Our own certificates for next hops that ask, which follow their files, and go with the host. Thread-safe.</summary>
internal sealed class DeliveryCertificates(TimeSpan reloadInterval, TimeProvider time, Action<TlsReload> reloaded) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TlsCertificateFiles, TlsCertificates> _open = [];

    /// <summary>The certificate in these files; null for none.</summary>
    public TlsCertificates? Open(TlsCertificateFiles? files)
    {
        if (files is null)
            return null;
        lock (_gate)
        {
            if (!_open.TryGetValue(files, out TlsCertificates? certificates))
                _open[files] = certificates = new TlsCertificates([files], time, reloadInterval, reloaded);
            return certificates;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (TlsCertificates certificates in _open.Values)
            certificates.Dispose();
    }
}
