namespace VioActors.Runtime;

/// <summary>
/// Comes back to an actor whose message another actor refused, or could not digest (code <c>dead-letter</c>), so that
/// a saga learns of it. A <see cref="Refused"/> that is refused in turn goes no further.
/// </summary>
/// <param name="Message">The message that was refused.</param>
/// <param name="Refusal">Why.</param>
public sealed record Refused(object Message, Refusal Refusal);
