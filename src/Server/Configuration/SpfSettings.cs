using SlimtaFast.Edge;
using SlimtaFast.MailAuth;

namespace SlimtaFast.Server.Configuration;

/// <summary>How senders' domains are asked whom they let send. Immutable.</summary>
/// <param name="Check">Whether they are.</param>
/// <param name="Options">What is done then.</param>
/// <param name="Evaluation">The bounds of evaluations.</param>
internal sealed record SpfSettings(SpfSetting Check, SpfCheckOptions Options, SpfOptions Evaluation);
