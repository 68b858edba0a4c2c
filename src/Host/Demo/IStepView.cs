namespace VioActors.Daemon.Demo;

/// <summary>One line of live progress.</summary>
internal interface IStepView
{
    /// <summary>Where the step is.</summary>
    /// <param name="done">0 to 1; never falls.</param>
    /// <param name="text">What happens now.</param>
    void At(double done, string text);

    /// <summary>The step is over.</summary>
    void End(bool held, string result);
}
