using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace SlimtaFast.Admin.Api;

/// <summary>What the API writes and reads, known when it is compiled: nothing has to be found out of types while it runs.</summary>
[JsonSerializable(typeof(ActionAnswer))]
[JsonSerializable(typeof(ActionRequest))]
[JsonSerializable(typeof(Changed))]
[JsonSerializable(typeof(HopList))]
[JsonSerializable(typeof(HopRequest))]
[JsonSerializable(typeof(LiveState))]
[JsonSerializable(typeof(MessageDetails))]
[JsonSerializable(typeof(MessagePage))]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(QueueState))]
internal sealed partial class ApiTypes : JsonSerializerContext;
