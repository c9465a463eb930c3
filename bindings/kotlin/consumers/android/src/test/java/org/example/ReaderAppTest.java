package org.example;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import android.app.Application;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;

/** In Java, so that it needs no Kotlin beside what R8 left in the app. */
@RunWith(RobolectricTestRunner.class)
public final class ReaderAppTest {
    private Path folder;
    private Process lab;
    private ReaderApp reader;

    @Before
    public void begin() throws Exception {
        folder = Files.createTempDirectory("byway-lab");
        Path roots = folder.resolve("ca.pem");
        Path state = folder.resolve("state.json");
        Files.writeString(state, STATE);
        lab = new ProcessBuilder(
                System.getProperty("byway.lab"), "serve", "--ca-file", roots.toString(), "--state", state.toString())
            .redirectError(folder.resolve("log").toFile())
            .start();
        String said = document(new InputStreamReader(lab.getInputStream(), StandardCharsets.UTF_8));
        Application app = RuntimeEnvironment.getApplication();
        reader = new ReaderApp(app, said, Files.readString(roots));
    }

    @After
    public void end() throws Exception {
        lab.getOutputStream().close();
        lab.waitFor();
    }

    @Test
    public void aCommunityIsReadAndStored() {
        List<String> shown = reader.read();
        assertEquals("Сбор в субботу 🎉", shown.get(0));
        assertTrue(shown.get(1), shown.get(1).endsWith("."));
        assertEquals("1", shown.get(3));
        assertTrue("the key was asked for " + shown.get(4) + " times", Integer.parseInt(shown.get(4)) >= 1);
    }

    @Test
    public void aPageIsReadThroughOkHttp() {
        assertEquals("Hello.", reader.page("/hello"));
    }

    @Test
    public void aFailureHasItsKindCodeAndSentence() {
        List<String> fault = reader.fault();
        assertEquals("input", fault.get(0));
        assertTrue(fault.toString(), fault.get(2).endsWith("."));
    }

    /** The lab says one JSON document and goes on. */
    static String document(Reader said) throws IOException {
        StringBuilder text = new StringBuilder();
        int depth = 0;
        do {
            int letter = said.read();
            if (letter < 0) throw new IOException("the lab said no document: " + text);
            if (letter == '{') depth += 1;
            if (letter == '}') depth -= 1;
            text.append((char) letter);
        } while (depth > 0 || text.toString().isBlank());
        return text.toString();
    }

    private static final String STATE = "{\"calls_per_second\": 1000, \"communities\": [{\"group\": {\"id\": 1001, \"name\": \"Club\","
        + " \"screen_name\": \"club_1\", \"type\": \"group\", \"is_closed\": 0}, \"posts\": [{\"id\": 1, \"date\": 1793527201,"
        + " \"text\": \"Сбор в субботу 🎉\", \"type\": \"post\"}]}]}";
}
