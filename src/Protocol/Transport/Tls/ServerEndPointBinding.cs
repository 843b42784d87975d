using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>
/// The channel binding <c>tls-server-end-point</c> (RFC 5929 section 4.1): the hash of the server's certificate, by the hash of its
/// signature, but SHA-256 in place of MD5 and SHA-1.
/// </summary>
internal static class ServerEndPointBinding
{
    /// <summary>Its registered name.</summary>
    public const string Kind = "tls-server-end-point";

    private const string RsaPss = "1.2.840.113549.1.1.10";

    /// <summary>The hash; empty where the signature uses no single hash that is known, for which the RFC defines none.</summary>
    public static ReadOnlyMemory<byte> Compute(X509Certificate2 certificate)
    {
        HashAlgorithmName hash = FindHash(certificate);
        return hash.Name is null ? default : CryptographicOperations.HashData(hash, certificate.RawData);
    }

    private static HashAlgorithmName FindHash(X509Certificate2 certificate) => certificate.SignatureAlgorithm.Value switch
    {
        // MD5 and SHA-1 with RSA, DSA and ECDSA.
        "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.10040.4.3" or "1.2.840.10045.4.1" => HashAlgorithmName.SHA256,
        "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
        RsaPss => ReadPssHash(certificate.RawData),
        _ => default,
    };

    // Certificate ::= SEQUENCE { tbs, SEQUENCE { OID, RSASSA-PSS-params }, signature }; the hash is the first parameter, SHA-1 where absent
    // (RFC 4055 section 3.1).
    private static HashAlgorithmName ReadPssHash(byte[] encoded)
    {
        AsnReader certificate = new AsnReader(encoded, AsnEncodingRules.DER).ReadSequence();
        certificate.ReadEncodedValue();
        AsnReader algorithm = certificate.ReadSequence();
        algorithm.ReadObjectIdentifier();
        AsnReader parameters = algorithm.ReadSequence();
        var hashTag = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        if (!parameters.HasData || !parameters.PeekTag().HasSameClassAndValue(hashTag))
            return HashAlgorithmName.SHA256;
        return parameters.ReadSequence(hashTag).ReadSequence().ReadObjectIdentifier() switch
        {
            "1.3.14.3.2.26" or "2.16.840.1.101.3.4.2.1" => HashAlgorithmName.SHA256,
            "2.16.840.1.101.3.4.2.2" => HashAlgorithmName.SHA384,
            "2.16.840.1.101.3.4.2.3" => HashAlgorithmName.SHA512,
            _ => default,
        };
    }
}
