using Microsoft.Extensions.Logging;
using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.OpenStack;

namespace SlimtaFast.Server.Configuration;

/// <summary>A queue in a container of Swift, and perhaps a queue of Zaqar that tells of it.</summary>
/// <param name="Container">The container, without who asks.</param>
/// <param name="Queue">The queue; null for none.</param>
internal sealed record SwiftStorageAddress(SwiftOptions Container, ZaqarOptions? Queue) : CloudStorageAddress
{
    private const string Name = "swift", Scheme = "swift://";

    /// <summary>
    /// Reads <c>swift://CONTAINER[/PREFIX]?auth=URL[&amp;identity=keystone|rackspace|tempauth&amp;region=NAME&amp;internal=on|off&amp;queue=NAME&amp;queue-version=v1|v1.1|v2&amp;queue-endpoint=URL&amp;timeout=TIME]</c>.
    /// </summary>
    public static new SwiftStorageAddress Parse(string text)
    {
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            throw new FormatException($"'{text}' is no container; it is swift://CONTAINER/PREFIX?auth=URL");
        (string place, IReadOnlyList<KeyValuePair<string, string>> parameters) = QueryText.Split(text[Scheme.Length..]);
        (string container, string prefix) = SplitPlace(Name, place);
        Uri? auth = parameters.Where(static parameter => parameter.Key == "auth").Select(static parameter => ReadUrl(Name, "auth", parameter.Value)).LastOrDefault();
        var cloud = new OpenStackOptions { Endpoint = auth ?? throw new FormatException("swift: auth=URL is needed, the address of the identity service") };
        string queue = "", version = "v2";
        Uri? queueUrl = null;
        foreach ((string name, string value) in parameters)
        {
            switch (name)
            {
                case "queue":
                    queue = value;
                    break;
                case "queue-version" when value is "v1" or "v1.1" or "v2":
                    version = value;
                    break;
                case "queue-endpoint":
                    queueUrl = ReadUrl(Name, name, value);
                    break;
                default:
                    cloud = With(cloud, name, value);
                    break;
            }
        }

        OpenStackOptions queueCloud = queueUrl is null ? cloud : cloud with { Identity = IdentityKind.None, Endpoint = queueUrl };
        return new SwiftStorageAddress(
            new SwiftOptions { Cloud = cloud, Container = container, Prefix = prefix },
            queue.Length == 0 ? null : new ZaqarOptions { Cloud = queueCloud, Queue = queue, Version = version });
    }

    /// <inheritdoc/>
    protected override IObjectStore OpenObjects(CloudSecrets secrets, TimeProvider time, ILoggerFactory loggers) =>
        secrets.UserName.Length == 0
            ? throw new UsageException("OpenStack:UserName: a storage on swift: needs a user")
            : new SwiftObjectStore(Container with { Cloud = As(secrets, Container.Cloud) }, time);

    /// <inheritdoc/>
    protected override IMessageQueue? OpenQueue(CloudSecrets secrets, TimeProvider time, ILoggerFactory loggers) =>
        Queue is null ? null : new ZaqarMessageQueue(Queue with { Cloud = As(secrets, Queue.Cloud), ProjectId = secrets.Project }, time);

    private static OpenStackOptions As(CloudSecrets secrets, OpenStackOptions cloud) =>
        cloud with { UserName = secrets.UserName, Secret = secrets.Secret, Project = secrets.Project, Domain = secrets.Domain };

    private static OpenStackOptions With(OpenStackOptions cloud, string name, string value) => name switch
    {
        "auth" => cloud,
        "identity" => cloud with
        {
            Identity = value switch
            {
                "keystone" => IdentityKind.Keystone,
                "rackspace" => IdentityKind.Rackspace,
                "tempauth" => IdentityKind.TempAuth,
                _ => throw new FormatException($"swift: identity={value} is none of keystone, rackspace and tempauth"),
            },
        },
        "region" => cloud with { Region = value },
        "internal" => cloud with { UseInternalAddresses = ReadSwitch(Name, name, value) },
        "timeout" => cloud with { Timeout = ReadTimeout(value) },
        _ => throw new FormatException($"swift: has no parameter '{name}' of that kind; it has auth, identity, region, internal, queue, queue-version (v1, v1.1 or v2), queue-endpoint and timeout"),
    };
}
