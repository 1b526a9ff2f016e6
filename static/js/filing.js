// All scripts of the phone's filing page, the form before what may wait;
// bin/lib/bundle makes one file of it, because on a slow line a request costs half a second.
import "./frame.js";
import "./phone_file.js";
import "./phone_speak.js";
import "./phone.js";
