using Microsoft.Extensions.Logging;
using SlimtaFast.Storage.Aws;
using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.OpenStack;

namespace SlimtaFast.Server.Configuration;

/// <summary>
/// A queue that tells of the items of a storage in a cloud: SQS or Zaqar beside either. Parameters <c>queue=[sqs:|zaqar:]NAME</c>,
/// <c>queue-endpoint=URL</c>, <c>queue-region=NAME</c>, and for Zaqar <c>queue-auth=URL</c>, <c>queue-identity=...</c>, <c>queue-version=v1|v1.1|v2</c>.
/// Immutable.
/// </summary>
/// <param name="Kind">What it is; empty for what goes with the storage.</param>
/// <param name="Name">The queue; empty for none.</param>
internal sealed record CloudQueueAddress(string Kind = "", string Name = "")
{
    private const string Sqs = "sqs", Zaqar = "zaqar";

    /// <summary>The region; empty for the storage's own.</summary>
    public string Region { get; init; } = "";

    /// <summary>The address of the queue service itself; null for what goes with the rest.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The identity service to ask for Zaqar; null for the storage's own.</summary>
    public Uri? Auth { get; init; }

    /// <summary>What kind of identity service that is.</summary>
    public IdentityKind Identity { get; init; } = IdentityKind.Keystone;

    /// <summary>The version of Zaqar's interface.</summary>
    public string Version { get; init; } = "v2";

    /// <summary>With a parameter; null where it is none of a queue's.</summary>
    public CloudQueueAddress? With(string scheme, string name, string value) => name switch
    {
        "queue" when value.Length > 0 => Named(value),
        "queue-region" when value.Length > 0 => this with { Region = value },
        "queue-endpoint" => this with { Endpoint = CloudStorageAddress.ReadUrl(scheme, name, value) },
        "queue-auth" => this with { Auth = CloudStorageAddress.ReadUrl(scheme, name, value) },
        "queue-identity" => this with { Identity = CloudStorageAddress.ReadIdentity(scheme, name, value) },
        "queue-version" when value is "v1" or "v1.1" or "v2" => this with { Version = value },
        _ => null,
    };

    /// <summary>Makes the queue; null for none.</summary>
    /// <param name="usual">What it is where the address does not say.</param>
    /// <param name="aws">The storage's own endpoint, for a queue beside it.</param>
    /// <param name="cloud">The storage's own cloud, for a queue beside it; null where it is in none.</param>
    /// <param name="secrets">Who we are.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Makes its logger.</param>
    /// <exception cref="UsageException">It cannot be made of what is told.</exception>
    public IMessageQueue? Open(string usual, AwsEndpoint? aws, OpenStackOptions? cloud, CloudSecrets secrets, TimeProvider time, ILoggerFactory loggers) =>
        Name.Length == 0 ? null
        : (Kind.Length == 0 ? usual : Kind) == Sqs ? new SqsMessageQueue(new SqsOptions { Queue = Name, Endpoint = EndpointOf(aws, secrets) }, loggers.CreateLogger<SqsMessageQueue>())
        : new ZaqarMessageQueue(new ZaqarOptions { Queue = Name, Version = Version, ProjectId = secrets.Project, Cloud = CloudOf(cloud, secrets) }, time);

    private AwsEndpoint EndpointOf(AwsEndpoint? beside, CloudSecrets secrets)
    {
        AwsEndpoint endpoint = beside ?? new AwsEndpoint();
        return endpoint with
        {
            Region = Region.Length > 0 ? Region : endpoint.Region,
            ServiceUrl = Endpoint ?? endpoint.ServiceUrl,
            AccessKey = secrets.AccessKey,
            SecretKey = secrets.SecretKey,
        };
    }

    private OpenStackOptions CloudOf(OpenStackOptions? beside, CloudSecrets secrets)
    {
        // An address that is given is asked as it is; else the catalogue of who tells us who we are has it.
        OpenStackOptions? cloud = Auth is not null ? new OpenStackOptions { Endpoint = Auth, Identity = Identity, Region = Region, Timeout = beside?.Timeout ?? new OpenStackOptions { Endpoint = Auth }.Timeout }
            : Endpoint is not null ? new OpenStackOptions { Endpoint = Endpoint, Identity = IdentityKind.None }
            : beside is not null && Region.Length > 0 ? beside with { Region = Region } : beside;
        if (cloud is null)
            throw new UsageException("Storage: queue=zaqar: needs queue-endpoint=URL, or queue-auth=URL for the identity service");
        if (cloud.Identity != IdentityKind.None && secrets.UserName.Length == 0)
            throw new UsageException("OpenStack:UserName: a queue of Zaqar needs a user");
        return cloud with { UserName = secrets.UserName, Secret = secrets.Secret, Project = secrets.Project, Domain = secrets.Domain };
    }

    private CloudQueueAddress Named(string value)
    {
        int colon = value.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return this with { Name = value };
        string kind = value[..colon];
        return kind is Sqs or Zaqar && colon < value.Length - 1
            ? this with { Kind = kind, Name = value[(colon + 1)..] }
            : throw new FormatException($"queue={value} is no queue; it is NAME, sqs:NAME or zaqar:NAME");
    }
}
