using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>Reads the files of those who issue certificates: once, at the start.</summary>
public static class TlsAuthorities
{
    /// <summary>Reads the certificates of a PEM file, of those who issue others.</summary>
    /// <exception cref="TlsCertificateException">The file cannot be read or holds none.</exception>
    public static X509Certificate2Collection Read(string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new TlsCertificateException($"{file} cannot be used: {failure.Message}", failure);
        }

        return authorities.Count > 0 ? authorities : throw new TlsCertificateException($"{file} holds no certificate in PEM");
    }
}
