using SlimtaFast.Queue;

namespace SlimtaFast.Server.Configuration;

/// <summary>One policy that section <c>Policies</c> asks for. Immutable.</summary>
/// <param name="Type">Its type as written in the documentation.</param>
/// <param name="Make">Makes it.</param>
internal sealed record PolicySettings(string Type, Func<PolicySources, IQueuePolicy> Make);
