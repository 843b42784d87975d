using Microsoft.Extensions.Logging;
using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.OpenStack;

namespace SlimtaFast.Server.Configuration;

/// <summary>A queue as objects in a cloud.</summary>
internal abstract record CloudStorageAddress : StorageAddress
{
    /// <summary>True where a message queue is named that tells of new items.</summary>
    public abstract bool HasQueue { get; }

    /// <summary>How long one request may take.</summary>
    protected abstract TimeSpan RequestTimeout { get; }

    /// <summary>Makes the storage.</summary>
    /// <exception cref="UsageException">Who we are there is not told.</exception>
    public CloudStorage Open(CloudSecrets secrets, TimeProvider time, ILoggerFactory loggers)
    {
        IObjectStore objects = OpenObjects(secrets, time, loggers);

        // The only writer of an endpoint stops in time for its last requests to be over.
        var options = new CloudStorageOptions();
        if (RequestTimeout * 3 > options.SoleWriterTime)
            options = options with { SoleWriterTime = RequestTimeout * 3 };
        return new CloudStorage(objects, OpenQueue(secrets, time, loggers), options, time, loggers.CreateLogger<CloudStorage>());
    }

    /// <summary>Makes the object store.</summary>
    public abstract IObjectStore OpenObjects(CloudSecrets secrets, TimeProvider time, ILoggerFactory loggers);

    /// <summary>Makes the message queue; null for none.</summary>
    protected abstract IMessageQueue? OpenQueue(CloudSecrets secrets, TimeProvider time, ILoggerFactory loggers);

    /// <summary>Splits <c>NAME[/PREFIX]</c>; the prefix ends with a slash.</summary>
    protected static (string Name, string Prefix) SplitPlace(string scheme, string text)
    {
        if (text.Contains('@', StringComparison.Ordinal))
            throw new FormatException($"{scheme}: user and secret do not belong into the address: give the keys of their sections");
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string name = Uri.UnescapeDataString(slash < 0 ? text : text[..slash]), prefix = slash < 0 ? "" : Uri.UnescapeDataString(text[(slash + 1)..]);
        if (name.Length == 0)
            throw new FormatException($"{scheme}: it is {scheme}://NAME or {scheme}://NAME/PREFIX");
        return (name, prefix.Length == 0 ? "slimta/" : prefix.EndsWith('/') ? prefix : prefix + "/");
    }

    /// <summary>Reads a parameter that is an address.</summary>
    internal static Uri ReadUrl(string scheme, string name, string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0
            ? url
            : throw new FormatException($"{scheme}: {name}={value} is no http or https address");

    /// <summary>Reads a parameter that is a kind of identity service.</summary>
    internal static IdentityKind ReadIdentity(string scheme, string name, string value) => value switch
    {
        "keystone" => IdentityKind.Keystone,
        "rackspace" => IdentityKind.Rackspace,
        "tempauth" => IdentityKind.TempAuth,
        _ => throw new FormatException($"{scheme}: {name}={value} is none of keystone, rackspace and tempauth"),
    };

    /// <summary>Reads a parameter that is on or off.</summary>
    protected static bool ReadSwitch(string scheme, string name, string value) => value switch
    {
        "on" => true,
        "off" => false,
        _ => throw new FormatException($"{scheme}: {name}={value} is neither on nor off"),
    };

    /// <summary>Reads a parameter that is a time of at least 100 ms.</summary>
    protected static TimeSpan ReadTimeout(string value) =>
        UnitText.TryParseDuration(value, out TimeSpan timeout) && timeout >= TimeSpan.FromMilliseconds(100) ? timeout : throw new FormatException($"'{value}' is not a time such as 20s");
}
