using Microsoft.Extensions.Logging;
using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.OpenStack;

namespace SlimtaFast.Server.Configuration;

/// <summary>A queue in a container of Swift, and perhaps a message queue that tells of it.</summary>
/// <param name="Container">The container, without who asks.</param>
/// <param name="Queue">The message queue.</param>
internal sealed record SwiftStorageAddress(SwiftOptions Container, CloudQueueAddress Queue) : CloudStorageAddress
{
    private const string Name = "swift", Scheme = "swift://", Rackspace = "rackspace://";
    private static readonly Uri RackspaceIdentity = new("https://identity.api.rackspacecloud.com/v2.0/");

    /// <inheritdoc/>
    public override bool HasQueue => Queue.Name.Length > 0;

    /// <inheritdoc/>
    protected override TimeSpan RequestTimeout => Container.Cloud.Timeout;

    /// <summary>
    /// Reads <c>swift://CONTAINER[/PREFIX]?auth=URL[&amp;identity=keystone|rackspace|tempauth&amp;region=NAME&amp;internal=on|off&amp;timeout=TIME]</c> and the
    /// parameters of <see cref="CloudQueueAddress"/>; <c>rackspace://CONTAINER</c> is that with Rackspace's own identity service and version of the queue.
    /// </summary>
    public static new SwiftStorageAddress Parse(string text)
    {
        bool isRackspace = text.StartsWith(Rackspace, StringComparison.OrdinalIgnoreCase);
        if (!isRackspace && !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            throw new FormatException($"'{text}' is no container; it is swift://CONTAINER/PREFIX?auth=URL");
        (string place, IReadOnlyList<KeyValuePair<string, string>> parameters) = QueryText.Split(text[(isRackspace ? Rackspace : Scheme).Length..]);
        (string container, string prefix) = SplitPlace(Name, place);
        Uri? auth = parameters.Where(static parameter => parameter.Key == "auth").Select(static parameter => ReadUrl(Name, "auth", parameter.Value)).LastOrDefault();
        auth ??= isRackspace ? RackspaceIdentity : throw new FormatException("swift: auth=URL is needed, the address of the identity service");
        var cloud = new OpenStackOptions { Endpoint = auth, Identity = isRackspace ? IdentityKind.Rackspace : IdentityKind.Keystone };
        CloudQueueAddress queue = isRackspace ? new CloudQueueAddress { Version = "v1", Identity = IdentityKind.Rackspace } : new CloudQueueAddress();
        foreach ((string name, string value) in parameters)
        {
            if (queue.With(Name, name, value) is { } with)
                queue = with;
            else
                cloud = With(cloud, name, value);
        }

        return new SwiftStorageAddress(new SwiftOptions { Cloud = cloud, Container = container, Prefix = prefix }, queue);
    }

    /// <inheritdoc/>
    public override IObjectStore OpenObjects(CloudSecrets secrets, TimeProvider time, ILoggerFactory loggers) =>
        secrets.UserName.Length == 0
            ? throw new UsageException("OpenStack:UserName: a storage on swift: needs a user")
            : new SwiftObjectStore(Container with { Cloud = As(secrets, Container.Cloud) }, time);

    /// <inheritdoc/>
    protected override IMessageQueue? OpenQueue(CloudSecrets secrets, TimeProvider time, ILoggerFactory loggers) => Queue.Open("zaqar", null, Container.Cloud, secrets, time, loggers);

    private static OpenStackOptions As(CloudSecrets secrets, OpenStackOptions cloud) =>
        cloud with { UserName = secrets.UserName, Secret = secrets.Secret, Project = secrets.Project, Domain = secrets.Domain };

    private static OpenStackOptions With(OpenStackOptions cloud, string name, string value) => name switch
    {
        "auth" => cloud,
        "identity" => cloud with { Identity = ReadIdentity(Name, name, value) },
        "region" => cloud with { Region = value },
        "internal" => cloud with { UseInternalAddresses = ReadSwitch(Name, name, value) },
        "timeout" => cloud with { Timeout = ReadTimeout(value) },
        _ => throw new FormatException($"swift: has no parameter '{name}' of that kind; it has auth, identity, region, internal, timeout, queue, queue-endpoint, queue-region, queue-auth, queue-identity and queue-version (v1, v1.1 or v2)"),
    };
}
