namespace VioActors.Bench.Violin;

/// <summary>What the simulation says to a claim of the dissertation.</summary>
internal enum Verdict
{
    /// <summary>It follows from the model, whatever T is fitted to.</summary>
    Held,

    /// <summary>It comes out because T was chosen so: no evidence.</summary>
    Calibrated,

    /// <summary>It does not come out, or cannot together with other claims of the text.</summary>
    Contradictory,
}

/// <summary>One claim.</summary>
/// <param name="Id">For example <c>s1b</c>.</param>
/// <param name="Text">What the text says.</param>
/// <param name="Value">What the simulation gives.</param>
/// <param name="Verdict">How both compare.</param>
/// <param name="Asserted">Whether the run fails when the verdict is not <see cref="Verdict.Held"/>.</param>
internal sealed record ViolinClaim(string Id, string Text, string Value, Verdict Verdict, bool Asserted = false);
