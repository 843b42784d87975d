using Microsoft.Extensions.Logging;
using SlimtaFast.Lookup;

namespace SlimtaFast.Server.Configuration;

/// <summary>What policies are made with. Immutable.</summary>
/// <param name="HostName">This server's name.</param>
/// <param name="Lookup">Opens a lookup.</param>
/// <param name="Time">The clock.</param>
/// <param name="Loggers">Where to log.</param>
internal sealed record PolicySources(string HostName, Func<LookupAddress, ILookup> Lookup, TimeProvider Time, ILoggerFactory Loggers);
