using System.Net;
using SlimtaFast.Edge.Results;
using SlimtaFast.Queue;

namespace SlimtaFast.Edge;

/// <summary>
/// Queue policies for what servers say of a message's authentication (RFC 8601): forged fields are removed, and this server's own stand above
/// its Received field, where readers expect them (RFC 7208 section 9.1).
/// </summary>
public static class AuthenticationResultsPolicies
{
    /// <summary>
    /// Removes Authentication-Results and Received-SPF fields with which a message came and that claim to be this server's, or that cannot be
    /// read. It has to be the first policy.
    /// </summary>
    /// <param name="serverId">This server's name in those fields.</param>
    /// <param name="trusted">Clients whose fields are believed, unless they had to authenticate: a filter that hands mail back.</param>
    public static IQueuePolicy RemoveForged(string serverId, IReadOnlyList<IPNetwork> trusted) => new ForgedFieldRemoval(serverId, trusted);

    /// <summary>Puts the fields of those names that were added at this server above all others. It has to be the last policy.</summary>
    public static IQueuePolicy Raise { get; } = new ResultFieldRaising();

    /// <summary>Both, around other policies.</summary>
    /// <param name="policies">What else is done with a message.</param>
    /// <param name="serverId">This server's name in those fields.</param>
    /// <param name="trusted">Clients whose fields are believed, unless they had to authenticate.</param>
    public static IReadOnlyList<IQueuePolicy> Around(IReadOnlyList<IQueuePolicy> policies, string serverId, IReadOnlyList<IPNetwork> trusted)
    {
        ArgumentNullException.ThrowIfNull(policies);
        return [RemoveForged(serverId, trusted), .. policies, Raise];
    }
}
